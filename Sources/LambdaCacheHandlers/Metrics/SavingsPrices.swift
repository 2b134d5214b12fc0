/// What is paid for, in US dollars: the rates by which a ``SavingsLedger`` turns saved time and
/// saved database calls into money.
///
/// The rates that come with the package are defaults to be checked against your own bill: those of
/// AWS Lambda's price page (aws.amazon.com/lambda/pricing) for US East (N. Virginia), first tier,
/// as of 2025. Regions, tiers and savings plans differ.
///
/// A database has no default rate, for nothing here knows which one it is. DynamoDB on demand, for
/// example, asked 0.125 dollars for a million read request units there in 2025:
///
/// ```swift
/// let prices = try SavingsPrices(architecture: .arm64, perDatabaseRequest: 0.125 / 1_000_000)
/// ```
///
/// On Lambda Managed Instances no duration is billed: set the rate of a GB-second to 0.
public struct SavingsPrices: Sendable, Hashable {
  /// The architecture of a function.
  public enum Architecture: String, Sendable, Hashable, CaseIterable {
    /// AWS Graviton, `arm64` in a function's settings.
    case arm64
    /// Intel and AMD, `x86_64` in a function's settings.
    case x86 = "x86_64"

    /// The architecture that this program was compiled for.
    public static var current: Architecture {
      #if arch(arm64)
        .arm64
      #else
        .x86
      #endif
    }

    /// The default rate in dollars per GB-second; see ``SavingsPrices``.
    public var defaultRate: Double {
      switch self {
      case .arm64: 0.000_013_333_4
      case .x86: 0.000_016_666_7
      }
    }
  }

  /// Dollars for a gigabyte (1,024 MB of the memory setting) during a second.
  public let perGigabyteSecond: Double
  /// Dollars for one request to the database.
  public let perDatabaseRequest: Double

  /// Creates prices from rates.
  ///
  /// - Parameters:
  ///   - perGigabyteSecond: Dollars for a gigabyte (1,024 MB of the memory setting) during a
  ///     second.
  ///   - perDatabaseRequest: Dollars for one request to the database.
  /// - Throws: ``SavingsPriceError`` if a rate is negative, infinite or not a number.
  public init(
    perGigabyteSecond: Double, perDatabaseRequest: Double
  ) throws(SavingsPriceError) {
    self.perGigabyteSecond = try SavingsPrices.checked(perGigabyteSecond, "perGigabyteSecond")
    self.perDatabaseRequest = try SavingsPrices.checked(perDatabaseRequest, "perDatabaseRequest")
  }

  /// Creates prices with the default rate of an architecture.
  ///
  /// - Parameters:
  ///   - architecture: The architecture of the function.
  ///   - perDatabaseRequest: Dollars for one request to the database.
  /// - Throws: ``SavingsPriceError`` if the rate is negative, infinite or not a number.
  public init(
    architecture: Architecture = .current, perDatabaseRequest: Double
  ) throws(SavingsPriceError) {
    try self.init(
      perGigabyteSecond: architecture.defaultRate, perDatabaseRequest: perDatabaseRequest)
  }

  private init(architecture: Architecture) {
    perGigabyteSecond = architecture.defaultRate
    perDatabaseRequest = 0
  }

  /// The default rate of `arm64`, and a database that is free.
  public static let arm64 = SavingsPrices(architecture: .arm64)
  /// The default rate of `x86_64`, and a database that is free.
  public static let x86 = SavingsPrices(architecture: .x86)
  /// The default rate of the architecture that this program was compiled for, and a database that
  /// is free.
  public static let current = SavingsPrices(architecture: .current)

  private static func checked(
    _ dollars: Double, _ rate: String
  ) throws(SavingsPriceError) -> Double {
    guard dollars.isFinite, dollars >= 0 else {
      throw SavingsPriceError(rate: rate, dollars: dollars)
    }
    return dollars
  }
}

/// A rate that no price can be.
public struct SavingsPriceError: Error, Sendable, CustomStringConvertible {
  /// The rate, by the name of its property in ``SavingsPrices``.
  public let rate: String
  /// What was given for it.
  public let dollars: Double

  /// What was wrong and what is accepted.
  public var description: String {
    "\(rate) is \(dollars) dollars; accepted: a finite number from 0"
  }
}
