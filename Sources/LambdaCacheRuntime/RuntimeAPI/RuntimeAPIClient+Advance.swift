internal import LambdaCacheTransport

/// Invocations that follow each other at once, without a hand-over between threads.
extension RuntimeAPIClient {
  /// With other clients, which share the threads of the pool, everything is done on the client's
  /// own thread.
  nonisolated func advance(after answer: InvocationAnswer?) -> Advance {
    guard isAlone else { return .incomplete(answer) }
    return thread.executor.lend { assumeIsolated { $0.advanceHere(after: answer) } }
      ?? .incomplete(answer)
  }

  private func advanceHere(after answer: InvocationAnswer?) -> Advance {
    if let answer {
      guard case .response(let response, let requestID) = answer,
        connection.begin(responseRequest(requestID, response), within: timeouts.onHandlerThread)
      else { return .incomplete(answer) }
    }
    do throws(LambdaRuntimeError) {
      if let answer { try deliver(answer) }
      guard try !pause(.zero, before: .next),
        connection.begin(nextRequest, within: timeouts.onHandlerThread)
      else { return .incomplete(nil) }
      return .invocation(try next())
    } catch {
      return .failure(error)
    }
  }
}
