import Foundation
import LambdaCache
import LambdaCacheFoundation

/// The profile of a user, as an identity service answers it.
struct UserProfile: Codable, HeapSized {
  var id: UUID
  var userName: String
  var name: Name
  var emails: [Email]
  var active: Bool
  var roles: [Role]
  var addresses: [Address]
  var preferences: [String: String]
  var createdAt: Date
  var picture: URL?
  var manager: String?

  struct Name: Codable {
    var given: String
    var family: String
    var formatted: String
  }

  struct Email: Codable {
    var value: String
    var type: String?
    var primary: Bool
  }

  struct Address: Codable {
    var street: String
    var locality: String
    var postalCode: String
    var country: String
  }

  enum Role: String, Codable {
    case reader, author, administrator
  }

  static func document(_ seed: Int) -> String {
    let given = Sample.text(5 + seed % 9, seed)
    let family = Sample.text(6 + seed % 11, seed + 1)
    let hex = String(seed % 0xFFFF, radix: 16)
    let number = String(repeating: "0", count: 4 - hex.count) + hex
    return """
      {"id": "6F1A0C44-0B1E-4E57-9D0C-00000000\(number)", "userName": "\(given).\(family)",
       "name": {"given": "\(given)", "family": "\(family)", "formatted": "Dr. \(given) \(family)"},
       "emails": [{"value": "\(given).\(family)@example.com", "type": "work", "primary": true}
         \(seed % 3 == 0 ? ", {\"value\": \"\(family)@example.org\", \"primary\": false}" : "")],
       "active": \(seed % 7 != 0), "roles": ["reader"\(seed % 5 == 0 ? ", \"administrator\"" : "")],
       "addresses": [{"street": "\(seed % 200) Donaudampfschifffahrtsgasse",
         "locality": "Wien", "postalCode": "1020", "country": "AT"}],
       "preferences": {"language": "de-AT", "timeZone": "Europe/Vienna",
         "theme": "dark-with-high-contrast"},
       "createdAt": "2024-05-0\(1 + seed % 9)T08:15:30Z",
       "picture": \(seed % 2 == 0 ? "null" : "\"https://example.com/p/\(seed).jpg\""),
       "manager": \(seed % 4 == 0 ? "null" : "\"\(Sample.text(20, seed))\"")}
      """
  }
}
