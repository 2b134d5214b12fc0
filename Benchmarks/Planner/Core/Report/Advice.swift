/// The conclusion of a plan in words.
package struct Advice: Sendable {
  /// Whether caches in the environments are worth it.
  package var pays: Bool
  /// The recommendation, one paragraph.
  package var paragraph: String
  /// Reservations, a sentence or two each.
  package var warnings: [String]
  /// Environment variables to paste, as `NAME=value`.
  package var variables: [String]
  /// Dollars saved in a month, over bounds of fleet and idle life.
  package var saving: Span

  package init(_ plan: Plan) {
    let point = plan.points[plan.best]
    let without = plan.points[plan.bestWithout].without.total
    saving = Span(point.costs.map { without - $0.total })
    // Less than a fiftieth of the bill is within what the assumptions leave open.
    pays = saving.low > 0 && saving.middle >= 0.02 * without && point.cacheBytes > 0
    variables = pays ? Advice.variables(plan) : []
    paragraph =
      pays
      ? Advice.recommendation(plan, saving, without) : Advice.refusal(plan, saving, without)
    warnings = Advice.warnings(plan)
  }

  private static func variables(_ plan: Plan) -> [String] {
    // Rounded up, but not beyond what the memory setting leaves.
    let most = plan.points[plan.best].cacheBytes >> 20
    let mebibytes = max(1, min(most, (plan.enoughBytes + (1 << 20) - 1) >> 20))
    var variables = ["LAMBDA_CACHE_SIZE=\(mebibytes)MiB"]
    if plan.policy != .leastRecentlyUsed {
      variables.append("LAMBDA_CACHE_POLICY=\(plan.policy.name)")
    }
    if plan.timeToLive != nil {
      variables.append("LAMBDA_CACHE_TTL=\(Format.lifetime(plan.timeToLive))")
    }
    return variables
  }

  /// Hit ratios over routings, idle lives and halves of the log.
  package static func hitRatio(_ plan: Plan) -> Span {
    let point = plan.points[plan.best]
    return Span(point.fleets.map(\.hitRatio) + [plan.halves.low, plan.halves.high])
  }

  private static func recommendation(_ plan: Plan, _ saving: Span, _ without: Double) -> String {
    let point = plan.points[plan.best]
    let ratio = Format.span(hitRatio(plan)) { Format.percent($0) }
    let life =
      plan.timeToLive == nil
      ? "no time to live (values that change need one)"
      : "a time to live of \(Format.lifetime(plan.timeToLive))"
    let environments = Format.span(point.environments) { Format.fixed($0, 1) }
    let milliseconds = Format.span(point.milliseconds) { Format.fixed($0, 1) }
    let before = plan.points[plan.bestWithout]
    return """
      Give the function \(Format.count(point.megabytes)) MB, of which its caches may have \
      \(Format.bytes(point.cacheBytes)) and need \(Format.bytes(plan.enoughBytes)), with the \
      policy \(plan.policy.name) and \(life). Expect \(ratio) of the look-ups to hit, in \(environments) \
      environments on average, and a bill of \
      \(Format.span(point.cost) { Format.dollars($0) }) a month in the place of \
      \(Format.dollars(without)) without a cache (at \
      \(Format.count(before.megabytes)) MB, the cheapest setting then): \
      \(Format.span(saving) { Format.dollars($0) }) saved. An invocation takes \(milliseconds) ms on \
      average in the place of \(Format.fixed(before.withoutFleet.meanMilliseconds, 1)).\
      \(faster(plan))
      """
  }

  /// The fastest memory setting that costs little more, if it is much faster.
  private static func faster(_ plan: Plan) -> String {
    let best = plan.points[plan.best]
    let other = plan.points[plan.best...].last { $0.cost.middle <= 1.05 * best.cost.middle }
    guard let other, other.milliseconds.middle <= 0.8 * best.milliseconds.middle else { return "" }
    let more = other.cost.middle / best.cost.middle - 1
    return " With \(Format.count(other.megabytes)) MB it takes "
      + Format.span(other.milliseconds) { Format.fixed($0, 1) }
      + " ms, for \(Format.percent(more)) more."
  }

  private static func refusal(_ plan: Plan, _ saving: Span, _ without: Double) -> String {
    let point = plan.points[plan.best]
    let ratio = Format.span(hitRatio(plan)) { Format.percent($0) }
    var text = """
      A cache in the function's own memory does not pay here: \(ratio) of the look-ups would hit \
      at \(Format.count(point.megabytes)) MB, and of \(Format.dollars(without)) a month it would \
      save \(Format.span(saving) { Format.dollars($0) }). 
      """
    if plan.facts.ceiling < 0.1 {
      text += """
        Nor would any other: \(Format.percent(plan.facts.onceRatio)) of the requests are for keys \
        that are asked for once. Only fewer or cheaper reads would help.
        """
    } else {
      text += """
        One cache for all environments would hit \(Format.percent(plan.shared.hitRatio)). Where \
        whole responses are the same for many callers, cache them at the edge (CloudFront, or the \
        cache of API Gateway); else put a shared store in front of the database, which has to cost \
        less than it saves.
        """
    }
    return text
  }

  private static func warnings(_ plan: Plan) -> [String] {
    var warnings: [String] = []
    let log = plan.intake.log
    if log.isSynthetic {
      warnings.append("The log is made up (no file was named): the figures are an example.")
    } else if log.hasAssumedTimes {
      warnings.append(
        "The log has no times; arrivals were made up. Environments, costs and all that depends on "
          + "a time to live rest on the rate that was assumed (--rate).")
    }
    if log.hasSpreadTimes {
      warnings.append(
        "The log's times are whole seconds: the requests of each were spread over it.")
    }
    if log.hasAssumedSizes {
      warnings.append("The log has no sizes; values of one size were assumed (--value-bytes).")
    }
    let recorded = plan.intake.recorded
    if recorded.dropped > 0 {
      warnings.append(
        "\(Format.count(recorded.dropped)) look-ups were lost before they were written.")
    }
    if recorded.hasOwnKeys, plan.intake.environmentCount > 1 {
      warnings.append(
        "Each environment hashed keys with a secret of its own, so a key of two environments "
          + "counts as two: hit ratios of one environment hold, those of fleets and of a shared "
          + "cache are too low. Set LAMBDA_CACHE_LOG_SECRET, and record again.")
    }
    if log.recordedRate < 1 {
      warnings.append(
        "The log has \(Format.percent(log.recordedRate)) of the keys. Its hit ratios stand for all "
          + "(± \(Format.fixed(plan.sampleError * 200, 1)) points); invocations for the other keys "
          + "were put between at random, and hit as often.")
    } else if log.sampleRate < 1 {
      warnings.append(
        "Hit ratios by size are of a sample of \(Format.percent(log.sampleRate)) of the keys (± "
          + "\(Format.fixed(plan.sampleError * 200, 1)) points, two standard errors of its parts).")
    }
    if plan.fleetRequests < log.requestsRead {
      warnings.append(
        "Fleets and costs are of the first \(Format.count(plan.fleetRequests)) requests, scaled to "
          + "a month (--fleet-requests); caches begin empty, which weighs more in a part than in "
          + "the whole.")
    }
    if plan.curveError > 0 {
      warnings.append(
        "Hit ratios of several environments are of a sample of the keys, which for one environment "
          + "differs from all requests by up to \(Format.fixed(plan.curveError * 100, 1)) points.")
    }
    if plan.intake.disorderCount > 0 {
      warnings.append(
        "\(Format.count(plan.intake.disorderCount)) requests came after later ones (first at "
          + "\(plan.intake.firstDisorder ?? "")); they were sorted.")
    }
    if let instances = plan.options.prices.instances {
      warnings.append(
        "Managed Instances: dollars are those of instances at \(Format.price(instances.perHour)) an "
          + "hour with \(Format.count(instances.megabytes)) MB, the fee of "
          + "\(Format.percent(instances.fee, digits: 0)) included, as many as the most environments "
          + "at one time need and \(instances.leastCount) at least. AWS adds instances by their "
          + "processor use and not by arrivals, so there may be more.")
    }
    if plan.points.contains(where: { $0.fleets.contains { $0.throttled > 0 } }) {
      warnings.append("Some arrivals found no environment and were throttled.")
    }
    return warnings
  }
}
