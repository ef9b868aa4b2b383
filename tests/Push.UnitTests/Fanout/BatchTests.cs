using CsCheck;
using Push.Edge.Fanout;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class BatchTests
{
    [Fact]
    public void It_holds_its_frames_in_order_pass_after_pass()
    {
        Gen.Select(Gen.Byte.Array[1, 6000].Array[1, 8], Gen.Bool).Array[1, 5].Sample(
            passes =>
            {
                var batch = new Batch();
                var kept = new List<(ReadOnlyMemory<byte> Bytes, byte[] Expected)>();
                foreach (var (frames, isKept) in passes)
                {
                    Array.ForEach(frames, batch.Add);
                    var expected = frames.SelectMany(frame => frame).ToArray();
                    Assert.Equal(frames.Length, batch.FrameCount);
                    Assert.Equal(expected, batch.Bytes.ToArray());
                    if (isKept)
                    {
                        batch.IsKept = true;
                        kept.Add((batch.Bytes, expected));
                    }

                    batch.Clear();
                }

                // What a slow connection refers to is never overwritten.
                Assert.All(kept, entry => Assert.Equal(entry.Expected, entry.Bytes.ToArray()));
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void A_frame_that_is_alone_is_not_copied()
    {
        byte[] frame = [1, 2, 3];
        var batch = new Batch();

        batch.Add(frame);

        Assert.True(batch.Bytes.Span.Overlaps(frame));
    }

    [Fact]
    public void The_pool_hands_out_empty_batches()
    {
        var pool = new BatchPool();
        var batch = pool.Rent();
        batch.Add([1]);
        batch.Add([2]);

        pool.Return(batch);

        Assert.Same(batch, pool.Rent());
        Assert.Equal((0, 0), (batch.FrameCount, batch.Bytes.Length));
    }
}
