internal import LambdaCacheTransport

extension LambdaRuntime {
  /// Opens a channel, whose wait for events ends with the task or with SIGTERM, and passes it on.
  nonisolated(nonsending) func withChannel(
    _ body:
      nonisolated(nonsending) (any InvocationChannel) async -> Result<
        Void, LambdaRuntimeError
      >
  ) async -> Result<Void, LambdaRuntimeError> {
    await withChannels(count: 1) { channels, _ in await body(channels[0]) }
  }

  /// Opens channels and passes them on, with a signal that ends all their waits.
  ///
  /// The local server is only one, however many are asked for.
  ///
  /// - Parameter isolation: The actor that `body` runs on: the caller's. A closure that is passed
  ///   on to a function without this parameter would leave that actor, with two hand-overs for each
  ///   handler (Swift Evolution, SE-0420).
  func withChannels(
    count: Int, isolation: isolated (any Actor)? = #isolation,
    _ body:
      nonisolated(nonsending) ([any InvocationChannel], StopSignal) async -> Result<
        Void, LambdaRuntimeError
      >
  ) async -> Result<Void, LambdaRuntimeError> {
    let cancellation: StopSignal
    let channels: [any InvocationChannel]
    do throws(LambdaRuntimeError) {
      cancellation = try Self.starting { () throws(SystemError) in try StopSignal() }
      channels = try makeChannels(count: count, stop: cancellation)
      progress.stage = .serving
    } catch {
      return .failure(error)
    }
    return await withTaskCancellationHandler {
      _ = isolation
      return await body(channels, cancellation)
    } onCancel: {
      cancellation.fire()
    }
  }

  private func makeChannels(
    count: Int, stop: StopSignal
  ) throws(LambdaRuntimeError) -> [any InvocationChannel] {
    switch source {
    case .runtimeAPI(let endpoint):
      return try Self.starting { () throws(SystemError) in
        let stops = [stop, try TerminationSignal.stopSignal()]
        var clients: [any InvocationChannel] = []
        for _ in 0..<count {
          clients.append(
            try RuntimeAPIClient(
              endpoint: endpoint, function: function, timeouts: timeouts, stops: stops,
              isAlone: count == 1))
        }
        return clients
      }
    case .localServer(let options):
      let stops = try Self.starting { () throws(SystemError) in
        [stop, try TerminationSignal.stopSignal(), try TerminationSignal.interruptSignal()]
      }
      let server = try LocalServer(
        options: options, function: function, timeouts: timeouts, stops: stops)
      announce("listening on \(server.location)")
      return [server]
    }
  }

  private static func starting<Value>(
    _ action: () throws(SystemError) -> Value
  ) throws(LambdaRuntimeError) -> Value {
    do throws(SystemError) {
      return try action()
    } catch {
      throw LambdaRuntimeError(.start, .failed(error))
    }
  }
}
