# The benchmark, its peer, a program that works with libraries, and its library:
# bench/<target>/{bench,peer,workload,libbenchlib.so}, one set for each width, because
# a caller of one is measured with a peer and a library of the other.
file(GLOB bench_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.c")
list(FILTER bench_sources EXCLUDE REGEX "/(peer|workload)\\.c$")

foreach(target IN LISTS FARCALL_TARGETS)
  add_executable(bench-${target} ${bench_sources})
  set_target_properties(bench-${target} PROPERTIES OUTPUT_NAME bench POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(bench-${target} PRIVATE static-${target} m)
  add_executable(bench-peer-${target} "${CMAKE_CURRENT_LIST_DIR}/peer.c")
  set_target_properties(bench-peer-${target} PROPERTIES OUTPUT_NAME peer)
  target_link_libraries(bench-peer-${target} PRIVATE pthread)
  add_executable(bench-workload-${target} "${CMAKE_CURRENT_LIST_DIR}/workload.c")
  set_target_properties(bench-workload-${target} PROPERTIES OUTPUT_NAME workload)
  add_library(benchlib-${target} SHARED "${CMAKE_CURRENT_LIST_DIR}/lib/benchlib.c")
  set_target_properties(benchlib-${target} PROPERTIES OUTPUT_NAME benchlib)
  add_dependencies(bench-${target} hosts)
  foreach(name bench-${target} bench-peer-${target} bench-workload-${target} benchlib-${target})
    farcall_flags(${name} ${target})
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench/${target}"
      LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench/${target}")
  endforeach()
endforeach()

# A Windows library to call, and a peer that is a program without a console, as its host is.
if("i386-windows" IN_LIST FARCALL_WINDOWS_TARGETS)
  set(folder "${PROJECT_BINARY_DIR}/bench/i386-windows")
  farcall_windows_binary(bench-windows-library i386-windows "${folder}/benchlib.dll"
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/windows/benchlib.c" FLAGS -std=gnu11 -O2 -Wall -Wextra LINK -shared)
  farcall_windows_binary(bench-windows-peer i386-windows "${folder}/peer.exe"
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/windows/peer.c" FLAGS -std=gnu11 -O2 -Wall -Wextra LINK -mwindows)
endif()
