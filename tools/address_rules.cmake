# The table behind src/users/address_rules.cpp, made by tools/make_address_rules.mjs.
set(ADDRESS_RULES ${CMAKE_SOURCE_DIR}/src/users/data/address_rules.tsv)
set_source_files_properties(src/users/address_rules.cpp PROPERTIES OBJECT_DEPENDS "${ADDRESS_RULES}"
                            COMPILE_DEFINITIONS KONTOR_ADDRESS_RULES="${ADDRESS_RULES}" SKIP_PRECOMPILE_HEADERS ON)
