/// A program that the server runs as one step.
struct Script: Sendable {
  let text: String
  /// The name by which the server finds it once it has run it.
  let digest: String

  init(_ text: String) {
    self.text = text
    digest = SHA1.hexDigest(text)
  }

  /// Reads values and the generations of tags, and asks for leases.
  ///
  /// Keys: the values, the leases of the same keys, the tags. Arguments: the number of values; the
  /// token, empty for no leases; the milliseconds of a lease; 1 to ask for the leases of all keys,
  /// not only of those without a value.
  ///
  /// Each lease is answered with 1 if it was granted. It is also granted when its token is there
  /// already, for then this is the second attempt of the same request; and when nothing can be
  /// written, for then nobody can have it, and a full engine must not hold up loads. A tag without
  /// a generation that cannot be written is answered with one that no other request gets, so that
  /// its values are loaded.
  static let fetch = Script(
    """
    local n = tonumber(ARGV[1])
    local time = redis.call('TIME')
    local now = string.format('%.0f', time[1] * 1000000 + time[2])
    local values, leases, tags = {}, {}, {}
    for i = 1, n do
      local value = redis.pcall('GET', KEYS[i])
      if type(value) == 'table' then value = false end
      values[i] = value
      if ARGV[2] ~= '' then
        leases[i] = 0
        if ARGV[4] == '1' or not value then
          local set = redis.pcall('SET', KEYS[n + i], ARGV[2], 'NX', 'PX', ARGV[3])
          if set then leases[i] = 1
          elseif redis.pcall('GET', KEYS[n + i]) == ARGV[2] then leases[i] = 1 end
        end
      end
    end
    for i = 2 * n + 1, #KEYS do
      local generation = redis.pcall('GET', KEYS[i])
      if type(generation) ~= 'string' or not generation:match('^%d+$') then
        generation = now
        redis.pcall('SET', KEYS[i], now)
      end
      tags[i - 2 * n] = generation
    end
    return {time[1], time[2], values, leases, tags}
    """)

  /// Stores values under leases.
  ///
  /// Keys: a value and its lease, in turn. Arguments for each: the value, the milliseconds that it
  /// lives, the token of the lease.
  static let store = Script(
    """
    for i = 1, #KEYS / 2 do
      local key, lease = KEYS[2 * i - 1], KEYS[2 * i]
      if redis.call('GET', lease) == ARGV[3 * i] then
        redis.call('SET', key, ARGV[3 * i - 2], 'PX', ARGV[3 * i - 1])
        redis.call('DEL', lease)
      end
    end
    return 1
    """)

  /// Gives tags new generations: the time, but more than the last one.
  static let renew = Script(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    for i = 1, #KEYS do
      local last = redis.pcall('GET', KEYS[i])
      local new = now
      if type(last) == 'string' then new = math.max(now, (tonumber(last) or 0) + 1) end
      redis.call('SET', KEYS[i], string.format('%.0f', new))
    end
    return 1
    """)
}
