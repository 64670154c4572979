# The files behind src/http/docs_assets.cpp: Swagger UI as npm installed it, our page around it, each gzipped.
set(SWAGGER_UI ${CMAKE_SOURCE_DIR}/node_modules/swagger-ui-dist)
if(NOT EXISTS ${SWAGGER_UI}/swagger-ui-bundle.js)
  message(FATAL_ERROR "The API docs need an npm package that is not installed yet. Run ./dev build")
endif()

set(DOCS_DIR ${CMAKE_BINARY_DIR}/generated/docs)
file(MAKE_DIRECTORY ${DOCS_DIR})
set(DOCS_GZIPPED)
foreach(file ${CMAKE_SOURCE_DIR}/src/http/docs/index.html ${CMAKE_SOURCE_DIR}/src/http/docs/start.js
        ${SWAGGER_UI}/swagger-ui.css ${SWAGGER_UI}/swagger-ui-bundle.js)
  get_filename_component(name ${file} NAME)
  add_custom_command(OUTPUT ${DOCS_DIR}/${name}.gz COMMAND gzip -9nc ${file} > ${DOCS_DIR}/${name}.gz DEPENDS ${file})
  list(APPEND DOCS_GZIPPED ${DOCS_DIR}/${name}.gz)
endforeach()
set_source_files_properties(src/http/docs_assets.cpp PROPERTIES OBJECT_DEPENDS "${DOCS_GZIPPED}"
                            COMPILE_DEFINITIONS KONTOR_DOCS_DIR="${DOCS_DIR}" SKIP_PRECOMPILE_HEADERS ON)
