import { cx } from "./cx";

type Bucket = { at: string; count: number; failed: number };

/** Throughput as bars, failures on top in red. The words beside it say the same to those who do not see it. */
export function Throughput({ buckets, label, className, height = 26 }: { buckets: readonly Bucket[]; label: string; className?: string; height?: number }) {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
  const step = 100 / Math.max(1, buckets.length);
  const scale = (value: number) => (value === 0 ? 0 : Math.max(1.5, (value / most) * (height - 1)));
  return (
    <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${total} in all, ${failed} failed`} style={{ height }} className={cx("block w-full", className)}>
      <line x1="0" x2="100" y1={height - 0.5} y2={height - 0.5} className="stroke-line" strokeWidth="1" vectorEffect="non-scaling-stroke" />
      {buckets.map((bucket, at) => {
        const fine = scale(bucket.count - bucket.failed);
        const bad = scale(bucket.failed);
        return (
          <g key={bucket.at}>
            <rect x={at * step + step * 0.12} width={step * 0.76} y={height - fine} height={fine} className="fill-accent" opacity="0.75" />
            {bad > 0 && <rect x={at * step + step * 0.12} width={step * 0.76} y={height - fine - bad} height={bad} className="fill-danger" />}
          </g>
        );
      })}
    </svg>
  );
}
