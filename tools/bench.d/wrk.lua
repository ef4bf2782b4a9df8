-- SPDX-License-Identifier: MIT
-- The requests of one scenario, for wrk. SCENARIO and BODY_FILE come through the environment.
local scenario = os.getenv("SCENARIO")
local paths = { json = "/json", logged = "/logged", hooks = "/hooks", param = "/users/42", echo = "/echo", jsonecho = "/json", jobs = "/jobs/trivial" }
local types = { echo = "application/octet-stream", jsonecho = "application/json", jobs = "application/json" }

if scenario ~= "url" then  -- that of wrk's own arguments
  wrk.path = paths[scenario] or "/plaintext"
end

if types[scenario] then
  wrk.method = "POST"
  wrk.headers["Content-Type"] = types[scenario]
  wrk.body = io.open(os.getenv("BODY_FILE"), "rb"):read("*a")
end

if scenario == "churn" then
  wrk.headers["Connection"] = "close"
end

if scenario == "pipelined" then
  local batch
  function init() batch = wrk.format():rep(16) end
  function request() return batch end
end

if scenario == "paths" then  -- each line of the file is one
  local lines = {}
  for line in io.lines(os.getenv("BODY_FILE")) do lines[#lines + 1] = line end
  function request() return wrk.format(nil, lines[math.random(#lines)]) end
end
