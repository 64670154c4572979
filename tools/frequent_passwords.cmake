# The list behind src/auth/frequent_passwords.cpp: 49,000 passwords in the order of their use, as npm installed it.
set(FREQUENT_PASSWORDS ${CMAKE_SOURCE_DIR}/node_modules/@zxcvbn-ts/language-common/src/passwords.json)
if(NOT EXISTS ${FREQUENT_PASSWORDS})
  message(FATAL_ERROR "The list of frequent passwords is an npm package that is not installed yet. Run ./dev build")
endif()
set_source_files_properties(src/auth/frequent_passwords.cpp PROPERTIES OBJECT_DEPENDS "${FREQUENT_PASSWORDS}"
                            COMPILE_DEFINITIONS KONTOR_FREQUENT_PASSWORDS="${FREQUENT_PASSWORDS}" SKIP_PRECOMPILE_HEADERS ON)
