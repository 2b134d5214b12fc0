/// Loading a value anew that was served although it had expired.
extension Cache {
  /// Leaves the refresh of a key to the end of its invocation.
  func leaveRefresh(
    of key: Key, hash: UInt32, _ request: LoadRequest<Key, Value>, to scope: InvocationScope?
  ) {
    let isLeft = scope?.afterResponse { await self.refresh(key, hash: hash, request) }
    if isLeft != true { withLoading { loading, _ in loading.table.passOnPromise(key, hash: hash) } }
  }

  /// Loads a key anew, unless it was done meanwhile.
  private func refresh(_ key: Key, hash: UInt32, _ request: LoadRequest<Key, Value>) async {
    guard let seat = claimRefresh(of: key, hash: hash) else { return }
    start(seat, request)
    do {
      _ = try await wait(seat, within: nil)
    } catch {
      // Nobody waits for it: a failure is counted, and remembered as the policy says.
    }
  }

  private func claimRefresh(of key: Key, hash: UInt32) -> Seat? {
    let remaining = InvocationScope.current?.remainingTime
    let reading = injectedReading
    return withCore { core, _ in
      let loading = state.pointee.openLoading()
      guard loading.pointee.table.isPromised(key, hash: hash) else { return nil }
      if let remaining, loading.pointee.counts.refusal(within: remaining) != nil {
        loading.pointee.table.passOnPromise(key, hash: hash)
        return nil
      }
      guard loading.pointee.failures?.active(key, hash: hash, reading: reading) == nil else {
        loading.pointee.table.passOnPromise(key, hash: hash)
        return nil
      }
      let now = core.time.now()
      let slot = core.quietLook(key, hash: hash, now: now).slot
      let present = slot == 0 ? nil : present(in: slot, staleFor: .zero, core)
      return begin(
        key, hash: hash, present: present, isAnswered: true, task: nil, &loading.pointee)
    }
  }
}
