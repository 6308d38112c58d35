-- Says what a round came to in one line of JSON. Answers of 400 and above count as errors.
function done(summary, latency)
  local faults = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "median": %d, "p99": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    faults.connect + faults.read + faults.write + faults.status + faults.timeout
  ))
end
