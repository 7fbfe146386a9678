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

# For Windows: by clang for Microsoft's targets, and by mingw's gcc.
set(conformance_windows -std=gnu11 -include "${PROJECT_SOURCE_DIR}/tests/windows/conformance.h")
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

foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  farcall_windows_compiler(compiler ${target})
  if(NOT compiler)
    continue()
  endif()
  set(fpmath "")
  if(FARCALL_WINDOWS_MACHINE_${target})
    set(fpmath -mfpmath=sse)
  endif()
  set(name testlib-conformance_o0-${target}-gnu)
  farcall_windows_binary(${name} ${target} "${PROJECT_BINARY_DIR}/testlibs/${target}-gnu/conformance_o0.dll"
    SOURCES ${conformance_sources} FLAGS ${conformance_windows} -O0 -Wno-psabi ${fpmath} LINK -shared)
  add_dependencies(testlibs ${name})
  conformance_header(${target}-gnu "${compiler}" ${conformance_windows})
  if(FARCALL_CLANG AND FARCALL_LLD_LINK)
    set(name testlib-conformance_o2-${target})
    farcall_msvc_binary(${name} ${target} "${PROJECT_BINARY_DIR}/testlibs/${target}/conformance_o2.dll"
      SOURCES ${conformance_sources} "${PROJECT_SOURCE_DIR}/tests/windows/conformance_library.c"
      FLAGS ${conformance_windows} ${fpmath} LINK -dll -noentry)
    add_dependencies(testlibs ${name})
    farcall_msvc_compiler(command ${target})
    conformance_header(${target} ${command} ${conformance_windows})
  else()
    message(WARNING "no conformance library for ${target} is built: clang or lld-link is missing. Run tools/setup.sh")
  endif()
endforeach()
