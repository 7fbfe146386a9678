# The hosts for Windows libraries, and what else is built for Windows: by mingw-w64, which CMake knows nothing of.

set(FARCALL_WINDOWS_TARGETS i386-windows x86_64-windows)
set(FARCALL_MINGW_i386-windows i686-w64-mingw32)
set(FARCALL_MINGW_x86_64-windows x86_64-w64-mingw32)
set(FARCALL_WINDOWS_MACHINE_i386-windows -march=i686 -msse2)
set(FARCALL_WINDOWS_MACHINE_x86_64-windows "")
# gcc's: Windows aligns the stacks of its threads, and those of whom it calls back, to 4 bytes only.
set(FARCALL_WINDOWS_STACK_i386-windows -mincoming-stack-boundary=2)
set(FARCALL_WINDOWS_STACK_x86_64-windows "")
# -Wno-array-bounds: GCC 12 takes the address of a thread's block, as the headers write it, for that of nothing.
set(FARCALL_WINDOWS_FLAGS -std=gnu11 -O2 -g ${FARCALL_WARNINGS} -Wno-array-bounds -D_WIN32_WINNT=0x0602
    "-I${PROJECT_SOURCE_DIR}/include" "-I${PROJECT_SOURCE_DIR}/src" -DFARCALL_VERSION="${PROJECT_VERSION}")

# Sets `ret` to a compiler for the target, of the system's own kind of threads, which need no library beside the program;
# to NOTFOUND, loudly, if there is none.
function(farcall_windows_compiler ret target)
  find_program(FARCALL_CC_${target} NAMES
    ${FARCALL_MINGW_${target}}-gcc-12-win32 ${FARCALL_MINGW_${target}}-gcc-win32 ${FARCALL_MINGW_${target}}-gcc)
  if(NOT FARCALL_CC_${target})
    message(WARNING "no host for ${target} is built, and libraries of that target cannot be called: "
                    "${FARCALL_MINGW_${target}}-gcc is missing. Run tools/setup.sh")
  endif()
  set(${ret} "${FARCALL_CC_${target}}" PARENT_SCOPE)
endfunction()

# farcall_windows_binary(NAME TARGET OUTPUT SOURCES <source>... [FLAGS <flag>...] [LINK <flag>...])
# A program or a library for Windows, as the target NAME.
function(farcall_windows_binary name target output)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "SOURCES;FLAGS;LINK")
  farcall_windows_compiler(compiler ${target})
  if(NOT compiler)
    return()
  endif()
  set(objects "")
  foreach(source IN LISTS arg_SOURCES)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
    set(object "${PROJECT_BINARY_DIR}/windows/${name}/${relative}.o")
    cmake_path(GET object PARENT_PATH folder)
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(OUTPUT "${object}"
      COMMAND "${compiler}" ${FARCALL_WINDOWS_MACHINE_${target}} ${arg_FLAGS} -MD -MF "${object}.d" -c "${source}"
              -o "${object}"
      DEPENDS "${source}" DEPFILE "${object}.d" VERBATIM COMMENT "Building ${relative} for ${target}")
    list(APPEND objects "${object}")
  endforeach()
  cmake_path(GET output PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT "${output}"
    COMMAND "${compiler}" -static-libgcc -o "${output}" ${objects} ${arg_LINK}
    DEPENDS ${objects} VERBATIM COMMENT "Linking ${output}")
  add_custom_target(${name} ALL DEPENDS "${output}")
endfunction()

farcall_sources(windows_host_sources host host/windows wire os/windows)
list(APPEND windows_host_sources ${invoke_sources})
foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  # A program with windows has no console: it opens none, and takes nobody's.
  farcall_windows_binary(host-${target} ${target} "${PROJECT_BINARY_DIR}/libexec/farcall/${target}/farcall-host.exe"
    SOURCES ${windows_host_sources} FLAGS ${FARCALL_WINDOWS_FLAGS} ${FARCALL_WINDOWS_STACK_${target}}
    LINK -mwindows -lsynchronization -lntdll)
  if(TARGET host-${target})
    add_dependencies(hosts host-${target})
  endif()
endforeach()
