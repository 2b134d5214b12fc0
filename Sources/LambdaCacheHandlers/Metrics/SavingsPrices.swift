/// The rates, in US dollars, by which a ``SavingsLedger`` turns saved time and saved database calls
/// into money.
struct SavingsPrices: Hashable {
  /// The architecture of a function.
  enum Architecture: CaseIterable {
    /// AWS Graviton, `arm64` in a function's settings.
    case arm64
    /// Intel and AMD, `x86_64` in a function's settings.
    case x86

    /// The architecture that this program was compiled for.
    static var current: Architecture {
      #if arch(arm64)
        .arm64
      #else
        .x86
      #endif
    }

    /// Dollars per GB-second.
    ///
    /// It is the first tier in US East (N. Virginia), as of 2025 (aws.amazon.com/lambda/pricing).
    var defaultRate: Double {
      switch self {
      case .arm64: 0.000_013_333_4
      case .x86: 0.000_016_666_7
      }
    }
  }

  /// Dollars for a gigabyte (1,024 MB of the memory setting) during a second.
  let perGigabyteSecond: Double
  /// Dollars for one call of the database.
  let perDatabaseCall: Double

  /// Creates prices.
  ///
  /// - Throws: ``SavingsMetricsError`` if a rate is negative, infinite or not a number.
  init(
    perGigabyteSecond: Double? = nil, perDatabaseCall: Double = 0,
    architecture: Architecture = .current
  ) throws(SavingsMetricsError) {
    self.perGigabyteSecond = try Self.checked(
      perGigabyteSecond ?? architecture.defaultRate, .gigabyteSecondPrice)
    self.perDatabaseCall = try Self.checked(perDatabaseCall, .databaseCallPrice)
  }

  private static func checked(
    _ dollars: Double, _ setting: SavingsMetricsError.Setting
  ) throws(SavingsMetricsError) -> Double {
    guard dollars.isFinite, dollars >= 0 else {
      throw SavingsMetricsError(
        setting: setting, value: "\(dollars)", accepted: "a finite number of dollars from 0")
    }
    return dollars
  }
}
