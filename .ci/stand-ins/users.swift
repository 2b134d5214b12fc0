// A cache of the reader's own.
// with: User
import LambdaCache

let users = Cache<String, User>(byteLimit: 32 << 20, timeToLive: .seconds(300))
