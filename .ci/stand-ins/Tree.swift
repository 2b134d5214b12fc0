// A value of a type that is not the reader's.
struct Tree: Sendable {
  var nodeCount: Int
}
