// A value of the reader's own.
import LambdaCache

struct User: Codable, Hashable, Sendable, HeapSized {
  var name: String
  var team: String
}
