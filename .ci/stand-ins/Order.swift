// An event, and a value, of the reader's own.
import LambdaCache

struct Order: Codable, HeapSized, Sendable {
  var article: String
}
