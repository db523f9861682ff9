-- Appends the records of one batch, or refuses them all.
--
-- KEYS[1]  tail    stream: every record of the shard, at its place
-- KEYS[2]  place   counter: the last place given in the shard
-- KEYS[3]  places  list: the places of this stream's records, version by version
-- KEYS[4]  keys    set: the keys that this stream has seen
-- KEYS[5]  due     sorted set: the shard's streams by due time
-- KEYS[6]  live    sorted set: the shard's streams that still go on, by name
-- KEYS[7]  listed  there once live names every stream that it has to
--
-- ARGV[1]  the stream's name
-- ARGV[2]  the version that the records were sealed on
-- ARGV[3]  the due time in microseconds since 1970; empty: none
-- ARGV[4]  a word that no other Append has
-- ARGV[5]  1 where the stream still goes on, else 0
-- ARGV[6]  and on, six for each record: at (microseconds since 1970), kind,
--          key (empty: none), body, prev, hash
--
-- Returns 0 appended, 1 the stream has moved, 2 a key was seen.
--
-- A connection that breaks leaves the client in doubt, and it asks again. If
-- the last record of the batch bears the word of this very Append, it was
-- appended the first time, and the answer is 0 once more.

local after = tonumber(ARGV[2])
local count = (#ARGV - 5) / 6
local version = redis.call('LLEN', KEYS[3])

local refusal = 0
if version ~= after then
  refusal = 1
end
for i = 0, count - 1 do
  local key = ARGV[8 + i * 6]
  if key ~= '' and redis.call('SISMEMBER', KEYS[4], key) == 1 then
    refusal = 2
  end
end

if refusal ~= 0 then
  if version >= after + count then
    local place = redis.call('LINDEX', KEYS[3], after + count - 1)
    local entry = redis.call('XRANGE', KEYS[1], place, place)[1]
    if entry and entry[2][18] == ARGV[4] then
      return 0
    end
  end
  return refusal
end

if redis.call('EXISTS', KEYS[2]) == 0 then -- the shard begins: no older version wrote to it
  redis.call('SET', KEYS[7], '1')
end
for i = 0, count - 1 do
  local a = 6 + i * 6
  local place = redis.call('INCR', KEYS[2])
  redis.call('XADD', KEYS[1], string.format('%.0f-0', place),
    's', ARGV[1], 'v', string.format('%.0f', after + i + 1),
    't', ARGV[a], 'k', ARGV[a + 1], 'i', ARGV[a + 2], 'b', ARGV[a + 3],
    'p', ARGV[a + 4], 'h', ARGV[a + 5], 'w', ARGV[4])
  redis.call('RPUSH', KEYS[3], string.format('%.0f-0', place))
  if ARGV[a + 2] ~= '' then
    redis.call('SADD', KEYS[4], ARGV[a + 2])
  end
end

if ARGV[3] == '' then
  redis.call('ZREM', KEYS[5], ARGV[1])
else
  redis.call('ZADD', KEYS[5], ARGV[3], ARGV[1])
end
if ARGV[5] == '1' then
  redis.call('ZADD', KEYS[6], 0, ARGV[1])
else
  redis.call('ZREM', KEYS[6], ARGV[1])
end
return 0
