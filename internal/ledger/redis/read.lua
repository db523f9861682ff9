-- Reads the records of one stream. Writes nothing.
--
-- KEYS[1]  tail    stream: every record of the shard, at its place
-- KEYS[2]  places  list: the places of this stream's records, version by version
--
-- ARGV[1]  the version after which to read
-- ARGV[2]  how many records at most
--
-- Returns the entries of the tail, in the order of versions.

local after = tonumber(ARGV[1])
local places = redis.call('LRANGE', KEYS[2], after, after + tonumber(ARGV[2]) - 1)
local entries = {}
for i, place in ipairs(places) do
  entries[i] = redis.call('XRANGE', KEYS[1], place, place)[1]
end
return entries
