# After a test program is linked: asks it for its tests and writes the file that tells ctest of them.
# In: PROGRAM, UNIT, TIMEOUT_S, SERIAL (0 or 1), ENVIRONMENT (a list), LIST_FILE.
execute_process(COMMAND "${PROGRAM}" --list OUTPUT_VARIABLE names RESULT_VARIABLE result
                OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list failed: ${result}")
endif()
string(REPLACE "\n" ";" names "${names}")
set(text "")
foreach(name IN LISTS names)
  string(APPEND text
    "add_test([==[${UNIT}.${name}]==] [==[${PROGRAM}]==] ${name})\n"
    "set_tests_properties([==[${UNIT}.${name}]==] PROPERTIES LABELS ${UNIT} TIMEOUT ${TIMEOUT_S} RUN_SERIAL ${SERIAL}"
    " SKIP_RETURN_CODE 77 ENVIRONMENT [==[${ENVIRONMENT}]==])\n")
endforeach()
file(WRITE "${LIST_FILE}" "${text}")
