# Tests: each tests/test_*.c is a program over the harness, each TEST in it one ctest test in a process of its own;
# each tests/*.sh is one test and gets the path of the farcall command as $1.

set(test_timeout_s 900) # ends what hangs: nothing takes so long, however busy the machine is
set(test_environment
    "FARCALL_TEST_LIBS=${PROJECT_BINARY_DIR}/testlibs"
    "FARCALL_TEST_SOURCE=${PROJECT_SOURCE_DIR}/tests"
    "FARCALL_TEST_BUILD=${PROJECT_BINARY_DIR}"
    "FARCALL_BIN=${PROJECT_BINARY_DIR}/bin/farcall")
if(FARCALL_SANITIZE)
  list(APPEND test_environment
       "ASAN_OPTIONS=detect_stack_use_after_return=1" "UBSAN_OPTIONS=print_stacktrace=1" "TSAN_OPTIONS=halt_on_error=1")
endif()

# Debian has libcmocka-dev for one architecture at a time, but its headers are the same and the library itself is enough.
if(FARCALL_CALLER STREQUAL "i386")
  find_file(FARCALL_CMOCKA libcmocka.so.0 PATHS /usr/lib/i386-linux-gnu NO_DEFAULT_PATH)
else()
  find_library(FARCALL_CMOCKA cmocka)
endif()
if(NOT FARCALL_CMOCKA)
  message(FATAL_ERROR "cmocka for ${FARCALL_CALLER} is missing: run tools/setup.sh, or configure with -DFARCALL_TESTS=OFF")
endif()

function(farcall_script_test name)
  set(timeout_s ${test_timeout_s})
  if(${name}_timeout_s)
    set(timeout_s ${${name}_timeout_s})
  endif()
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES
    LABELS ${name} TIMEOUT ${timeout_s} SKIP_RETURN_CODE 77 ENVIRONMENT "${test_environment}")
endfunction()

# Everything in tests/ that is not a test is part of the harness.
file(GLOB harness_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*.c")
set(test_sources ${harness_sources})
list(FILTER harness_sources EXCLUDE REGEX "/test_[^/]*$")
list(FILTER test_sources INCLUDE REGEX "/test_[^/]*$")

if(harness_sources)
  add_library(harness STATIC ${harness_sources})
  farcall_flags(harness ${FARCALL_CALLER_TARGET})
  farcall_sanitize(harness)
  target_include_directories(harness PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(harness PRIVATE HARNESS_SOURCE_DIR="${PROJECT_SOURCE_DIR}/tests")
  set_target_properties(harness PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(harness PUBLIC "${FARCALL_CMOCKA}")

  foreach(source IN LISTS test_sources)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "^test_" "" unit "${stem}")
    farcall_program(${stem} tests static "${source}")
    target_include_directories(${stem} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
    target_compile_options(${stem} PRIVATE ${${stem}_compile})
    target_link_libraries(${stem} PRIVATE harness ${${stem}_link})
    add_dependencies(${stem} testlibs)

    set(timeout_s ${test_timeout_s})
    if(${stem}_timeout_s)
      set(timeout_s ${${stem}_timeout_s})
    endif()
    set(list_file "${PROJECT_BINARY_DIR}/tests/${stem}.tests.cmake")
    add_custom_command(TARGET ${stem} POST_BUILD VERBATIM
      COMMAND "${CMAKE_COMMAND}" -DPROGRAM=$<TARGET_FILE:${stem}> -DUNIT=${unit} -DTIMEOUT_S=${timeout_s}
              "-DSERIAL=$<BOOL:${${stem}_serial}>" "-DENVIRONMENT=${test_environment}" "-DLIST_FILE=${list_file}"
              -P "${PROJECT_SOURCE_DIR}/cmake/discover_tests.cmake")
    set(include_file "${PROJECT_BINARY_DIR}/tests/${stem}.include.cmake")
    file(CONFIGURE OUTPUT "${include_file}" @ONLY CONTENT
"if(EXISTS \"@list_file@\")
  include(\"@list_file@\")
else()
  add_test(@unit@.NOT_BUILT @stem@)
endif()
")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")

    # A whole suite in one test: what it has to skip is no news.
    if(${stem}_direct)
      farcall_script_test(direct_${unit} $<TARGET_FILE:${stem}>)
      set_property(TEST direct_${unit} APPEND PROPERTY ENVIRONMENT "FARCALL_TEST_BACKEND=direct")
      if(FARCALL_SANITIZE) # in this process, the test libraries' own leaks would count
        set_property(TEST direct_${unit} APPEND PROPERTY ENVIRONMENT
                     "ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0")
      endif()
      set_property(TEST direct_${unit} PROPERTY LABELS direct)
    endif()
    # With libraries for Windows.
    if(unit MATCHES "^conformance_" AND NOT FARCALL_SANITIZE)
      set(windows_${unit}_timeout_s 600)
      farcall_script_test(windows_${unit} $<TARGET_FILE:${stem}>)
      set_property(TEST windows_${unit} APPEND PROPERTY ENVIRONMENT "FARCALL_TEST_CONFORMANCE=windows")
      set_property(TEST windows_${unit} PROPERTY LABELS windows)
    endif()
  endforeach()
endif()

# The host by clang for Microsoft's targets: calls, callbacks, crash reports and ends.
if(TARGET msvc-host-i386-windows AND TARGET test_windows AND NOT FARCALL_SANITIZE)
  add_dependencies(testlibs msvc-host-i386-windows msvc-host-x86_64-windows)
  set(windows_host_msvc_timeout_s 600)
  farcall_script_test(windows_host_msvc $<TARGET_FILE:test_windows>)
  set_property(TEST windows_host_msvc APPEND PROPERTY ENVIRONMENT
               "FARCALL_LIBEXEC=${PROJECT_BINARY_DIR}/windows/libexec")
  set_property(TEST windows_host_msvc PROPERTY LABELS windows)
endif()
if(TARGET on-windows)
  add_dependencies(testlibs on-windows)
endif()

file(GLOB test_scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/*.sh")
foreach(script IN LISTS test_scripts)
  cmake_path(GET script STEM stem)
  if(TARGET farcall)
    farcall_script_test(${stem} bash "${script}" $<TARGET_FILE:farcall>)
    if(stem MATCHES "windows")
      set_property(TEST ${stem} PROPERTY LABELS windows)
    endif()
  endif()
endforeach()

farcall_script_test(layers sh "${PROJECT_SOURCE_DIR}/tools/check-layers.sh" "${PROJECT_SOURCE_DIR}")
farcall_script_test(layers_selftest sh "${PROJECT_SOURCE_DIR}/tools/check-layers.sh" --self-test)

# Each fuzz target replays its corpus here, without a fuzzer.
file(GLOB fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/fuzz_*.c")
foreach(source IN LISTS fuzz_sources)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "^fuzz_" "" corpus "${stem}")
  farcall_program(replay_${corpus} tests static "${source}" "${PROJECT_SOURCE_DIR}/fuzz/replay.c")
  farcall_script_test(corpus_${corpus} $<TARGET_FILE:replay_${corpus}> "${PROJECT_SOURCE_DIR}/fuzz/corpus/${corpus}")
endforeach()
