// A client of the reader's own.
struct Client: Sendable {
  struct Response {
    var body: Profile?
    var entityTag: String
  }

  func profile(_ name: String, ifNoneMatch: String?) async throws -> Response {
    Response(body: nil, entityTag: "")
  }
}

let client = Client()
