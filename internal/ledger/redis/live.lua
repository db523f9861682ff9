-- Lists the shard's streams that still go on, by the beginning of their names.
--
-- KEYS[1]  live    sorted set: the shard's streams that still go on, by name
-- KEYS[2]  listed  there once live names every stream that it has to
-- KEYS[3]  tail    stream: every record of the shard
--
-- ARGV[1]  the prefix
-- ARGV[2]  where to go on listing the streams of older versions; empty: at the
--          beginning
--
-- Returns the names. Where the streams of older versions are not all listed yet
-- it lists some, and returns the place to go on from in place of a list.
--
-- A stream whose end was written by this version while others were being listed
-- may be listed all the same: its records tell.

if redis.call('EXISTS', KEYS[2]) == 0 then
  local from = ARGV[2]
  if from == '' then
    from = '-'
  end
  local page = redis.call('XRANGE', KEYS[3], from, '+', 'COUNT', 1000)
  for _, entry in ipairs(page) do
    redis.call('ZADD', KEYS[1], 0, entry[2][2])
  end
  if #page == 1000 then
    return '(' .. page[#page][1]
  end
  redis.call('SET', KEYS[2], '1')
end
return redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[1], '(' .. ARGV[1] .. '\255')
