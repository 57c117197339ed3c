# The models over files: native only, for analysts and benchmarks. Knows neither store nor HTTP.
find_package(Threads REQUIRED)
add_library(tl_attribute STATIC
  attribute/channel_names.cpp
  attribute/csv_records.cpp
  attribute/decimal.cpp
  attribute/mapped_file.cpp
  attribute/path_chain.cpp
  attribute/path_csv.cpp
  attribute/path_header.cpp
  attribute/path_models.cpp
  attribute/path_rows.cpp
  attribute/path_table.cpp
  attribute/path_tally.cpp
)
target_link_libraries(tl_attribute PUBLIC tl_models Threads::Threads)
tl_warnings(tl_attribute)
