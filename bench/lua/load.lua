-- wrk -s load.lua URL -- CASE FOLDER [WORD]. What each thread sends; FOLDER holds what prepare.mjs wrote.
--   targets FILE    GETs of random lines of FOLDER/FILE
--   paced FILE      the same, each connection with a pause of 10 ms before each
--   carts [filled|flash]
--                   opens carts and writes their ids to FOLDER/carts.N; the next three use them up. filled: with one
--                   thing each; flash: all of them with the same
--   add             puts random goods into the carts
--   order [again]   orders carts that are filled already; again: from the first one on when all have been tried, for a
--                   server that refuses some
--   checkout        puts one thing into a cart, orders it, reads the order: three requests, one after the other
--   guess           tries to sign in to one account after the other
--   me, login       reads the profile of a signed-in caller; signs in
--   express-…       the same against the Node server, whose carts belong to users
-- A checkout goes on when its answer has come: the answer tells whose it is, by the cart's or the product's id.
local all_threads = {}
function setup(thread)
  thread:set('tid', #all_threads)
  all_threads[#all_threads + 1] = thread
end

local JSON = { ['Content-Type'] = 'application/json' }
local ADDRESS = '"shipping_address":{"name":"Ada Byron","line1":"12 St James Square","city":"London","postal_code":"SW1Y 4JH","country":"GB"}'
local random = math.random
local ffi = require('ffi')
ffi.cdef 'struct instant { long seconds, nanoseconds; }; int clock_gettime(int clock, struct instant *);'
local instant = ffi.new('struct instant')
local function now_ms()
  ffi.C.clock_gettime(1, instant) -- CLOCK_MONOTONIC
  return tonumber(instant.seconds) * 1000 + tonumber(instant.nanoseconds) / 1e6
end

local function lines(path)
  local found = {}
  for line in io.lines(path) do found[#found + 1] = line end
  return found
end

local function share(all) -- this thread's part; wrk runs with two threads
  local mine = {}
  for i = tid + 1, #all, 2 do mine[#mine + 1] = all[i] end
  return mine
end

-- A list that gives out what was put in first.
local function queue()
  return { first = 1, last = 0 }
end
local function push(q, value)
  q.last = q.last + 1
  q[q.last] = value
end
local function pop(q)
  if q.first > q.last then return nil end
  local value = q[q.first]
  q[q.first] = nil
  q.first = q.first + 1
  return value
end

local cases = {}

function cases.targets(folder, file)
  local requests = {}
  for i, target in ipairs(lines(folder .. '/' .. file)) do requests[i] = wrk.format('GET', target) end
  request = function() return requests[random(#requests)] end
end

-- Readers who think: otherwise they'd measure how they compete with themselves for the processor.
function cases.paced(folder, file)
  cases.targets(folder, file)
  delay = function() return 10 end
end

function cases.carts(folder, filled)
  local variants, out, i = lines(folder .. '/variants.txt'), io.open(folder .. '/carts.' .. tid, 'w'), 0
  request = function()
    i = i + 1
    local which = filled == 'flash' and 1 or (i * 2 + tid) % #variants + 1
    local items = filled and '{"variant_id":"' .. variants[which] .. '","quantity":1}' or ''
    return wrk.format('POST', '/v1/carts', JSON, '{"items":[' .. items .. ']}')
  end
  response = function(status, _, body)
    if status == 201 then out:write(body:match('"id":"(crt_%w+)"'), '\n') end
  end
end

function cases.me(folder)
  local headers = { ['Authorization'] = 'Bearer ' .. lines(folder .. '/token.txt')[1] }
  local ask = wrk.format('GET', '/v1/me', headers)
  request = function() return ask end
end

function cases.login()
  local ask = wrk.format('POST', '/v1/auth/login', JSON, '{"email":"bench@example.com","password":"correct horse battery"}')
  request = function() return ask end
end

function cases.guess()
  local i = 0
  request = function()
    i = i + 1
    return wrk.format('POST', '/v1/auth/login', JSON, '{"email":"nobody' .. tid .. 'x' .. i .. '@example.com","password":"wrong horse battery"}')
  end
end

local function add(cart, variant)
  return wrk.format('POST', '/v1/carts/' .. cart .. '/items', JSON, '{"variant_id":"' .. variant .. '","quantity":1}')
end
local function order(cart)
  return wrk.format('POST', '/v1/orders', JSON, '{"cart_id":"' .. cart .. '","email":"bench@example.com",' .. ADDRESS .. '}')
end

function cases.add(folder)
  local carts, variants = lines(folder .. '/carts.' .. tid), lines(folder .. '/variants.txt')
  request = function() -- at most five kinds of goods in a cart
    local i = random(#carts)
    return add(carts[i], variants[(i * 7 + random(5)) % #variants + 1])
  end
end

function cases.order(folder, again)
  local carts, i = lines(folder .. '/carts.' .. tid), 0
  request = function()
    i = again and i % #carts + 1 or i + 1
    return order(carts[i] or 'out-of-carts')
  end
end

function cases.checkout(folder)
  local fresh, variants, i = lines(folder .. '/carts.' .. tid), lines(folder .. '/variants.txt'), 0
  local filled, placed, asked = queue(), queue(), {}
  reads = {} -- ms that each read of an order took
  request = function()
    local id = pop(placed)
    if id then
      asked[id] = now_ms()
      return wrk.format('GET', '/v1/orders/' .. id .. '?email=bench@example.com')
    end
    local cart = pop(filled)
    if cart then return order(cart) end
    i = i + 1
    return add(fresh[i] or 'out-of-carts', variants[(i * 2 + tid) % #variants + 1])
  end
  response = function(status, _, body)
    local cart = body:match('^{"id":"(crt_%w+)"')
    if cart then push(filled, cart) end
    local placed_id = body:match('^{"id":"(ord_%w+)"')
    if status == 201 then
      push(placed, placed_id)
    elseif placed_id then
      reads[#reads + 1] = now_ms() - asked[placed_id]
      asked[placed_id] = nil
    end
  end
end

-- The Node server: user n buys product n, so that an answer tells whose it is.
local function express_users(folder)
  local tokens, mine = lines(folder .. '/tokens.txt'), queue()
  local headers = {}
  for n, token in ipairs(tokens) do headers[n] = { ['Content-Type'] = 'application/json', ['Authorization'] = 'Bearer ' .. token } end
  for _, n in ipairs(share((function() local all = {} for n = 1, #tokens do all[n] = n end return all end)())) do push(mine, n) end
  return headers, mine
end
local function express_add(headers, n, product)
  return wrk.format('POST', '/cart/items', headers[n], '{"productId":' .. product .. ',"quantity":1}')
end

cases['express-add'] = function(folder)
  local headers, mine = express_users(folder)
  request = function()
    local n = mine[random(mine.last)]
    return express_add(headers, n, (n * 7 + random(5)) % 10000 + 1)
  end
end

cases['express-checkout'] = function(folder)
  local headers, free = express_users(folder)
  local filled, placed = queue(), queue()
  request = function()
    local done = pop(placed)
    if done then return wrk.format('GET', '/orders/' .. done.id, headers[done.n]) end
    local n = pop(filled)
    if n then return wrk.format('POST', '/orders', headers[n], '') end
    n = pop(free)
    return express_add(headers, n, n)
  end
  response = function(status, _, body)
    local n = tonumber(body:match('"productId":(%d+)'))
    if body:sub(1, 9) == '{"items":' then
      push(filled, n)
    elseif status == 201 then
      push(placed, { id = body:match('^{"id":"?(%d+)'), n = n })
    elseif n then
      push(free, n)
    end
  end
end

function init(args)
  math.randomseed(os.time() * 2 + tid)
  cases[args[1]](args[2], args[3])
end

-- What wrk doesn't tell: how long the reads among the requests of a checkout took.
function done()
  local took = {}
  for _, thread in ipairs(all_threads) do
    for _, ms in ipairs(thread:get('reads') or {}) do took[#took + 1] = ms end
  end
  if #took == 0 then return end
  table.sort(took)
  local function percentile(p) return took[math.ceil(#took * p)] end
  print(string.format('Reads: p50 %.3fms p99 %.3fms', percentile(0.5), percentile(0.99)))
end
