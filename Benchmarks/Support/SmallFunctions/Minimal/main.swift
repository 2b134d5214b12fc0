import LambdaCache
import LambdaCacheRuntime

/// A function with a cache and without Foundation: answers an event with what it has answered
/// before.
let cache = Cache<String, [UInt8]>(byteLimit: 16 << 20)
let runtime = try LambdaRuntime()
try await runtime.run { (event: [UInt8], _) in
  let key = String(decoding: event, as: UTF8.self)
  if let answer = cache[key] { return answer }
  cache[key] = event
  return event
}
