# What single tests and test libraries need beyond the rule. Lists of flags:
#   test_<name>_compile, test_<name>_link     for tests/test_<name>.c
#   test_<name>_timeout_s, <script>_timeout_s instead of 900
#   test_<name>_serial                        ON: nothing else runs beside it (it measures time or fills all CPUs)
#   test_<name>_direct                        ON: it is also run, as one test, with FARCALL_TEST_BACKEND=direct
#   lib_<name>_compile, lib_<name>_link       for tests/libs/<name>.c, at both widths
#   lib_<name>_needs                          other libraries of tests/libs that it links with

set(lib_last_words_needs gone)
set(lib_needs_gone_needs gone)
set(lib_calls_early_needs own_threads)
set(lib_shapes_compile -O2)
set(lib_shapes_o0_compile -O0)
set(lib_hostile_compile "-I${PROJECT_SOURCE_DIR}/src")

set(test_channel_serial ON)
set(test_channel_waits_serial ON)
set(proxy_expat_timeout_s 1800)
set(proxy_real_timeout_s 1800)
set(proxy_sqlite_timeout_s 1800)

foreach(suite call call_allocations call_allocations_sizes call_buffers call_payloads call_pointers call_shapes call_strings callbacks callbacks_kept callbacks_life thunks variables variadic)
  set(test_${suite}_direct ON)
endforeach()
