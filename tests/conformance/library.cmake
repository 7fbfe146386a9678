# The conformance library: tests/conformance/*.c, without optimisation and with it, for every target. 32-bit ones
# compute in SSE registers, so that their floats round as those of 64 bits do.
# Beside it lies its header as a compiler for that target sees it, with the annotations left in.
file(GLOB conformance_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/conformance/*.c")
file(GLOB conformance_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/conformance/*.h")
set(conformance_machine_i386-linux -march=i686 -msse2 -mfpmath=sse -Wno-psabi)
set(conformance_machine_x86_64-linux "")
foreach(target IN LISTS FARCALL_TARGETS)
  set(folder "${PROJECT_BINARY_DIR}/testlibs/${target}")
  foreach(level 0 2)
    set(name testlib-conformance_o${level}-${target})
    add_library(${name} SHARED ${conformance_sources})
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    target_compile_options(${name} PRIVATE
      ${FARCALL_WIDTH_${target}} ${conformance_machine_${target}} -Wall -Wextra
      $<$<BOOL:${FARCALL_WERROR}>:-Werror> -O${level})
    target_link_options(${name} PRIVATE ${FARCALL_WIDTH_${target}})
    target_link_libraries(${name} PRIVATE m)
    set_target_properties(${name} PROPERTIES
      OUTPUT_NAME conformance_o${level} LIBRARY_OUTPUT_DIRECTORY "${folder}")
    # The same under another name, to be loaded into a process that has the first one already.
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
      COMMAND "${CMAKE_COMMAND}" -E copy $<TARGET_FILE:${name}> "${folder}/libconformance_o${level}_again.so")
    add_dependencies(testlibs ${name})
  endforeach()

  add_custom_command(
    OUTPUT "${folder}/conformance.i"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
    COMMAND "${CMAKE_C_COMPILER}" -E -P -DFARCALL_ANNOTATIONS ${FARCALL_WIDTH_${target}}
            "${PROJECT_SOURCE_DIR}/tests/conformance/all.h" -o "${folder}/conformance.i"
    DEPENDS ${conformance_headers}
    VERBATIM)
  add_custom_target(conformance-header-${target} DEPENDS "${folder}/conformance.i")
  add_dependencies(testlibs conformance-header-${target})
endforeach()

# For Windows: by clang for Microsoft's targets, without Microsoft's C library, which Debian has not, and by mingw's gcc.
# What is built by hand here has mingw's headers and msvcrt.dll.
set(conformance_windows -std=gnu11 -include "${PROJECT_SOURCE_DIR}/tests/windows/conformance.h")
set(conformance_msvc -fno-ms-compatibility -U_MSC_VER -fgnuc-version=4.2.1 -D__MINGW32__ -D__MSVCRT__
    "-D__declspec(x)=__attribute__((x))" -D_ALLOCA_S_MARKER_SIZE=16 -isystem /usr/share/mingw-w64/include)
find_program(FARCALL_CLANG clang)
find_program(FARCALL_LLD_LINK lld-link)

# conformance_header(TARGET COMMAND...): its header as the compiler for that target sees it.
function(conformance_header target)
  set(output "${PROJECT_BINARY_DIR}/testlibs/${target}/conformance.i")
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/testlibs/${target}")
  add_custom_command(OUTPUT "${output}"
    COMMAND ${ARGN} -E -P -DFARCALL_ANNOTATIONS "${PROJECT_SOURCE_DIR}/tests/conformance/all.h" -o "${output}"
    DEPENDS ${conformance_headers} VERBATIM)
  add_custom_target(conformance-header-${target} DEPENDS "${output}")
  add_dependencies(testlibs conformance-header-${target})
endfunction()

# conformance_msvc(TARGET MACHINE FLAGS)
function(conformance_msvc target machine flags)
  set(name testlib-conformance_o2-${target})
  set(folder "${PROJECT_BINARY_DIR}/windows/${name}")
  set(output "${PROJECT_BINARY_DIR}/testlibs/${target}/conformance_o2.dll")
  set(command "${FARCALL_CLANG}" --target=${machine}-pc-windows-msvc ${conformance_msvc} ${conformance_windows} ${flags})
  file(MAKE_DIRECTORY "${folder}")
  set(objects "")
  foreach(source IN LISTS conformance_sources ITEMS "${PROJECT_SOURCE_DIR}/tests/windows/conformance_library.c")
    cmake_path(GET source STEM stem)
    add_custom_command(OUTPUT "${folder}/${stem}.obj"
      COMMAND ${command} -O2 -mno-stack-arg-probe -c "${source}" -o "${folder}/${stem}.obj"
      DEPENDS "${source}" ${conformance_headers} VERBATIM)
    list(APPEND objects "${folder}/${stem}.obj")
  endforeach()
  set(helpers "${folder}/helpers.a") # calls for 64-bit numbers, which are part of Microsoft's C library
  set(mingw ${machine}-w64-mingw32)
  execute_process(COMMAND ${mingw}-gcc -print-libgcc-file-name OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE)
  add_custom_command(OUTPUT "${output}"
    COMMAND ${mingw}-dlltool -d "${PROJECT_SOURCE_DIR}/tests/windows/ntdll.def" -l "${helpers}"
    COMMAND "${FARCALL_LLD_LINK}" -lldmingw -dll -noentry -nodefaultlib -ignore:4217 "-out:${output}" ${objects}
            -libpath:/usr/${mingw}/lib libmsvcrt.a libmingwex.a "${helpers}" libkernel32.a "${libgcc}"
    DEPENDS ${objects} "${PROJECT_SOURCE_DIR}/tests/windows/ntdll.def" VERBATIM)
  add_custom_target(${name} DEPENDS "${output}")
  add_dependencies(testlibs ${name})
  conformance_header(${target} ${command})
endfunction()

foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  farcall_windows_compiler(compiler ${target})
  if(NOT compiler)
    continue()
  endif()
  set(flags "${FARCALL_WINDOWS_MACHINE_${target}}")
  set(fpmath "")
  if(flags)
    set(fpmath -mfpmath=sse)
  endif()
  set(name testlib-conformance_o0-${target}-gnu)
  farcall_windows_binary(${name} ${target} "${PROJECT_BINARY_DIR}/testlibs/${target}-gnu/conformance_o0.dll"
    SOURCES ${conformance_sources} FLAGS ${conformance_windows} -O0 -Wno-psabi ${fpmath} LINK -shared)
  add_dependencies(testlibs ${name})
  conformance_header(${target}-gnu "${compiler}" ${conformance_windows})
  if(FARCALL_CLANG AND FARCALL_LLD_LINK)
    string(REGEX REPLACE "-.*" "" machine ${FARCALL_MINGW_${target}})
    list(FILTER flags EXCLUDE REGEX "stack-boundary") # clang knows what Microsoft's targets have
    conformance_msvc(${target} ${machine} "${flags}")
  else()
    message(WARNING "no conformance library for ${target} is built: clang or lld-link is missing. Run tools/setup.sh")
  endif()
endforeach()
