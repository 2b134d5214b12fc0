internal import LambdaCacheHandlers

/// The names of keys in the server; those of values, leases and tags never meet.
struct KeyNames: Sendable {
  private let prefix: [UInt8]

  init(prefix: String) {
    self.prefix = Array(prefix.utf8)
  }

  func value(_ key: TierKey) -> [UInt8] { name("v:", key) }
  func lease(_ key: TierKey) -> [UInt8] { name("l:", key) }
  func tag(_ key: TierKey) -> [UInt8] { name("t:", key) }

  private func name(_ kind: StaticString, _ key: TierKey) -> [UInt8] {
    kind.withUTF8Buffer { prefix + $0 + key.bytes }
  }
}
