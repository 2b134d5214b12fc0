// A value of the reader's own.
import LambdaCache

struct Profile: Codable, Sendable, HeapSized {
  var name: String
}
