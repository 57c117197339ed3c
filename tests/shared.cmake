# Tests of the attribution core; also compiled to WebAssembly.
