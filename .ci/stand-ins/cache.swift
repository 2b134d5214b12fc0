// A cache of the reader's own.
import LambdaCache

let cache = Cache<String, Int>(byteLimit: 32 << 20, timeToLive: .seconds(300))
