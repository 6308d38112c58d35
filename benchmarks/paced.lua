-- Asks for several pages in turn, each connection resting after an answer.
-- Arguments: the rest in milliseconds, then paths.
dofile("benchmarks/wrk.lua")

local rest, paths, turn = 0, {}, 0

function init(arguments)
  rest = tonumber(arguments[1])
  for place = 2, #arguments do
    paths[#paths + 1] = wrk.format("GET", arguments[place])
  end
end

function delay()
  return rest
end

function request()
  turn = turn % #paths + 1
  return paths[turn]
end
