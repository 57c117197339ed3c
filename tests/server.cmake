# Tests of the server; each area has its own list.
foreach(area attribute store ingest classify http orders people delivery reports privacy)
  include(server_${area}.cmake OPTIONAL)
endforeach()
