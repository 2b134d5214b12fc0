// A value of the reader's own.
import LambdaCache

struct Price: Sendable, HeapSized {
  var cents: Int
  var isFinal = false
}
