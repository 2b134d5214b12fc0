import Testing

@testable import LambdaCache

@Suite("A size that cannot be known")
struct HeapSizeErrorTests {
  private struct Box {}

  @Test(
    "An unknown size names the value that contains a type measured apart, and no other type",
    arguments: [
      ("Box", "Page.boxes"), ("Box.closure", "Page.boxes.closure"),
      ("Box.first.second", "Page.boxes.first.second"), ("BoxInner.closure", "BoxInner.closure"),
      ("BoxInner", "BoxInner"), ("Bo", "Bo"), ("Other.Box", "Other.Box"),
    ])
  func rooted(path: String, expected: String) {
    let error = HeapSizeError(path: path, typeName: "Int", reason: .closure)
    let rooted = error.rooted(at: "Page.boxes", insteadOf: Box.self)
    #expect(rooted.path == expected)
    #expect(rooted.typeName == "Int" && rooted.reason == .closure)
  }
}
