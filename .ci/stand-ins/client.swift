// A client of the reader's own.
struct Client: Sendable {
  struct Response {
    var body: String?
    var entityTag: String
  }

  func page(_ path: String, ifNoneMatch: String?) async throws -> Response {
    Response(body: nil, entityTag: "")
  }
}

let client = Client()
