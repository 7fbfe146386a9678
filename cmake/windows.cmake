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

# For Microsoft's targets: by clang, without Microsoft's headers and C library, which Debian has not. What is built has
# mingw's headers, read as mingw's gcc reads them, and msvcrt.dll.
find_program(FARCALL_CLANG clang)
find_program(FARCALL_LLD_LINK lld-link)

set(FARCALL_MSVC_MACHINE_i386-windows -D_X86_) # what mingw's gcc defines itself
set(FARCALL_MSVC_MACHINE_x86_64-windows "")

# Sets `ret` to a compiler's command for the target.
function(farcall_msvc_compiler ret target)
  string(REGEX REPLACE "-.*" "" machine ${FARCALL_MINGW_${target}})
  set(${ret} "${FARCALL_CLANG}" --target=${machine}-pc-windows-msvc -fno-ms-compatibility -U_MSC_VER -fgnuc-version=4.2.1
      -D__MINGW32__ -D__MSVCRT__ "-D__declspec(x)=__attribute__((x))" -D_ALLOCA_S_MARKER_SIZE=16
      -isystem /usr/share/mingw-w64/include ${FARCALL_WINDOWS_MACHINE_${target}}
      ${FARCALL_MSVC_MACHINE_${target}} PARENT_SCOPE)
endfunction()

# farcall_msvc_binary(NAME TARGET OUTPUT SOURCES <source>... [FLAGS <flag>...] [LINK <flag or object>...])
function(farcall_msvc_binary name target output)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "SOURCES;FLAGS;LINK")
  farcall_msvc_compiler(command ${target})
  set(folder "${PROJECT_BINARY_DIR}/windows/${name}")
  set(objects "")
  foreach(source IN LISTS arg_SOURCES)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
    set(object "${folder}/${relative}.obj")
    cmake_path(GET object PARENT_PATH object_folder)
    file(MAKE_DIRECTORY "${object_folder}")
    add_custom_command(OUTPUT "${object}"
      COMMAND ${command} ${arg_FLAGS} -O2 -mno-stack-arg-probe -Wno-unused-command-line-argument -MD -MF "${object}.d"
              -c "${source}" -o "${object}"
      DEPENDS "${source}" DEPFILE "${object}.d" VERBATIM COMMENT "Building ${relative} for ${target} as Microsoft's")
    list(APPEND objects "${object}")
  endforeach()
  cmake_path(GET output PARENT_PATH output_folder)
  file(MAKE_DIRECTORY "${output_folder}")
  set(helpers "${folder}/helpers.a") # calls for 64-bit numbers, which are part of Microsoft's C library
  set(mingw ${FARCALL_MINGW_${target}})
  execute_process(COMMAND ${mingw}-gcc -print-libgcc-file-name OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE)
  # The linkers of the two have names of their own for where an image begins.
  add_custom_command(OUTPUT "${output}"
    COMMAND ${mingw}-dlltool -d "${PROJECT_SOURCE_DIR}/tests/windows/ntdll.def" -l "${helpers}"
    COMMAND "${FARCALL_LLD_LINK}" -lldmingw -nodefaultlib -ignore:4217 "-out:${output}" ${objects}
            "-alternatename:__image_base__=$<IF:$<STREQUAL:${target},i386-windows>,___ImageBase,__ImageBase>"
            -libpath:/usr/${mingw}/lib ${arg_LINK} libmsvcrt.a libmingwex.a "${helpers}" libkernel32.a "${libgcc}"
    DEPENDS ${objects} "${PROJECT_SOURCE_DIR}/tests/windows/ntdll.def" VERBATIM COMMENT "Linking ${output}")
  add_custom_target(${name} DEPENDS "${output}")
endfunction()

farcall_sources(windows_host_sources host host/windows wire os/windows)
list(APPEND windows_host_sources "${PROJECT_SOURCE_DIR}/src/base/change.c" ${invoke_sources})
foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  # A program with windows has no console: it opens none, and takes nobody's.
  farcall_windows_binary(host-${target} ${target} "${PROJECT_BINARY_DIR}/libexec/farcall/${target}/farcall-host.exe"
    SOURCES ${windows_host_sources} FLAGS ${FARCALL_WINDOWS_FLAGS} ${FARCALL_WINDOWS_STACK_${target}}
    LINK -mwindows -lsynchronization -lntdll)
  if(TARGET host-${target})
    add_dependencies(hosts host-${target})
  endif()
  # The same by another compiler, for Microsoft's targets: to be tested, not installed.
  if(TARGET host-${target} AND FARCALL_CLANG AND FARCALL_LLD_LINK)
    farcall_msvc_binary(msvc-host-${target} ${target}
      "${PROJECT_BINARY_DIR}/windows/libexec/${target}/farcall-host.exe"
      SOURCES ${windows_host_sources} "${PROJECT_SOURCE_DIR}/tests/windows/host_library.S"
      FLAGS ${FARCALL_WINDOWS_FLAGS}
      LINK -subsystem:windows -entry:mainCRTStartup "/usr/${FARCALL_MINGW_${target}}/lib/crt2.o" libmingw32.a
           libmingwex.a libsynchronization.a libntdll.a)
  endif()
endforeach()

# What is copied to a Windows, to see what works there (docs/windows.md).
set(on_windows_sources ${windows_host_sources})
list(FILTER on_windows_sources EXCLUDE REGEX "/host/windows/main.c$")
set(on_windows_folder "${PROJECT_BINARY_DIR}/on-windows")
add_custom_target(on-windows)
add_custom_command(TARGET on-windows POST_BUILD VERBATIM
  COMMAND "${CMAKE_COMMAND}" -E copy "${PROJECT_SOURCE_DIR}/tools/on-windows.cmd" "${on_windows_folder}/on-windows.cmd")
foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  if(TARGET host-${target})
    farcall_windows_binary(on-windows-${target} ${target} "${on_windows_folder}/${target}/on-windows.exe"
      SOURCES ${on_windows_sources} "${PROJECT_SOURCE_DIR}/tests/windows/on_windows.c"
      FLAGS ${FARCALL_WINDOWS_FLAGS} ${FARCALL_WINDOWS_STACK_${target}} LINK -lsynchronization -lntdll)
    # decorated names are not what is checked
    farcall_windows_binary(on-windows-library-${target} ${target} "${on_windows_folder}/${target}/checked.dll"
      SOURCES "${PROJECT_SOURCE_DIR}/tests/windows/checked.c" FLAGS -std=gnu11 -O2 LINK -shared -Wl,--kill-at)
    add_custom_command(TARGET on-windows POST_BUILD VERBATIM
      COMMAND "${CMAKE_COMMAND}" -E copy "${PROJECT_BINARY_DIR}/libexec/farcall/${target}/farcall-host.exe"
              "${on_windows_folder}/${target}/farcall-host.exe")
    add_dependencies(on-windows host-${target} on-windows-${target} on-windows-library-${target})
  endif()
endforeach()
