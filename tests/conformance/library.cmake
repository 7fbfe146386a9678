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
