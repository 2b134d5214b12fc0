import Foundation
import LambdaCache
import LambdaCacheFoundation

/// An issue of a project with its comments, as a code host answers it.
struct IssueThread: Codable, HeapSized {
  var number: Int
  var title: String
  var state: State
  var author: Author
  var labels: [Label]
  var body: String?
  var comments: [Comment]
  var reactions: [String: Int]
  var updatedAt: Date
  var link: URL

  enum State: String, Codable {
    case open, closed
  }

  struct Author: Codable {
    var login: String
    var avatar: URL?
    var isMember: Bool
  }

  struct Label: Codable {
    var name: String
    var colour: String
  }

  struct Comment: Codable {
    var author: Author
    var body: String
    var createdAt: Date
  }

  static func document(_ seed: Int) -> String {
    func author(_ seed: Int) -> String {
      """
      {"login": "\(Sample.text(4 + seed % 16, seed))", "isMember": \(seed % 2 == 0),
       "avatar": \(seed % 3 == 0 ? "null" : "\"https://example.com/a/\(seed).png\"")}
      """
    }
    let comments = (0..<(seed % 5)).map {
      """
      {"author": \(author(seed + $0)), "createdAt": "2025-02-0\(1 + $0)T12:00:00Z",
       "body": "\(Sample.text(60 + seed &* 31 % 700, seed + $0)) – naïve, isn’t it?"}
      """
    }
    return """
      {"number": \(seed), "title": "\(Sample.text(30 + seed % 40, seed))",
       "state": "\(seed % 2 == 0 ? "open" : "closed")", "author": \(author(seed)),
       "labels": [{"name": "bug", "colour": "d73a4a"},
         {"name": "\(Sample.text(18, seed))", "colour": "0075ca"}],
       "body": \(seed % 6 == 0 ? "null" : "\"\(Sample.text(200 + seed &* 7 % 900, seed))\""),
       "comments": [\(comments.joined(separator: ","))],
       "reactions": {"+1": 4, "heart": \(seed % 9)}, "updatedAt": "2025-03-01T00:00:00Z",
       "link": "https://example.com/owner/project/issues/\(seed)"}
      """
  }
}
