// A cache of the reader's own.
// with: Profile
import LambdaCache

let profiles = Cache<String, Profile>(byteLimit: 32 << 20, timeToLive: .seconds(300))
