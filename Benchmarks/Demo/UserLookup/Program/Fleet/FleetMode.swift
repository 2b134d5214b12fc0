/// How the environments of a fleet look users up.
enum FleetMode: String, Codable, CaseIterable {
  /// Every request reads the database.
  case uncached
  /// Each environment has a cache of its own.
  case cached
  /// Behind the caches is a tier that all environments share.
  case tiered

  /// Its name in a progress line and a column.
  var label: String {
    switch self {
    case .uncached: "without cache"
    case .cached: "with caches"
    case .tiered: "caches and tier"
    }
  }
}
