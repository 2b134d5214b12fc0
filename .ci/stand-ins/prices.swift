// A cache of the reader's own.
// with: Price
import LambdaCache

let prices = Cache<String, Price>(byteLimit: 32 << 20, timeToLive: .seconds(300))
