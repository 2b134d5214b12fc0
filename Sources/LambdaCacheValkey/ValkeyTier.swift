internal import LambdaCache
public import LambdaCacheHandlers

/// A Valkey or Redis server as the tier that all environments of a function share.
///
/// ```swift
/// let tier = ValkeyTier(try Endpoint("127.0.0.1:6379"))
/// ```
///
/// It has one connection, which the first operation opens. Operations of all tasks are sent on it
/// one behind the other, without waiting for the replies of those before. An operation whose
/// connection is lost is sent once more on the next one, within its time limit.
///
/// Its thread waits for replies without taking one from the tasks, and has nothing to do while no
/// reply is awaited: nothing runs while the environment is frozen.
public final class ValkeyTier: SharedTier {
  private let operations: ValkeyOperations

  /// Describes a tier; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - endpoint: The server.
  ///   - configure: Changes the options.
  public init(_ endpoint: Endpoint, configure: (inout ValkeyOptions) -> Void = { _ in }) {
    var options = ValkeyOptions()
    configure(&options)
    let name =
      ProcessEnvironment.current["AWS_LAMBDA_FUNCTION_NAME"] ?? "swift-lambda-cache"
    operations = ValkeyOperations(
      client: ValkeyClient(endpoint: endpoint, options: options, name: name),
      names: KeyNames(prefix: options.keyPrefix))
  }

  /// Fetches values and the generations of tags in one round trip.
  ///
  /// Without tags and leases it is `MGET` and `TIME`; else a script, which the server is sent in a
  /// second round trip if it does not know it.
  ///
  /// - Parameters:
  ///   - request: What to fetch.
  ///   - limit: The longest time that it may take.
  /// - Returns: The values and the generations, in the order of the request.
  /// - Throws: ``ValkeyError``, or `CancellationError` when the task is cancelled.
  public func fetch(_ request: TierRequest, within limit: Duration) async throws -> TierResponse {
    try await operations.fetch(request, within: limit)
  }

  /// Stores values in one round trip.
  ///
  /// - Parameters:
  ///   - entries: What to store. Of several that the server refuses, the others are stored.
  ///   - limit: The longest time that it may take.
  /// - Throws: ``ValkeyError``, or `CancellationError` when the task is cancelled.
  public func store(_ entries: [TierEntry], within limit: Duration) async throws {
    try await operations.store(entries, within: limit)
  }

  /// Removes values with the leases of their keys, and gives tags new generations, in one round
  /// trip.
  ///
  /// - Parameters:
  ///   - removal: What to remove.
  ///   - limit: The longest time that it may take.
  /// - Throws: ``ValkeyError``, or `CancellationError` when the task is cancelled.
  public func remove(_ removal: TierRemoval, within limit: Duration) async throws {
    try await operations.remove(removal, within: limit)
  }
}

extension ValkeyTier: ConnectingTier {
  /// Whether a connection is being made, within its limit.
  package var isConnecting: Bool { operations.client.isConnecting }
}
