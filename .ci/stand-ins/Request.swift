// An event of the reader's own.
struct Request: Decodable, Sendable {
  var username: String
}
