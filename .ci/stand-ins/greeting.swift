// The types and the function of the README's first whole function.
import LambdaCache

struct Request: Decodable, Sendable { var name: String }
struct Greeting: Codable, Sendable, HeapSized { var text: String }

@Sendable func greeting(of name: String) async throws -> Greeting { Greeting(text: name) }
