-- JSON as RFC 8259 has it: lua-cjson itself also reads NaN, Infinity, hexadecimal and octal numbers.

local cjson = require('cjson.safe').new()

cjson.decode_invalid_numbers(false)

return cjson
