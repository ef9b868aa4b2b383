using CsCheck;
using Push.Edge.Fanout;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class BatchTests
{
    private readonly BatchPool _pool = new();

    [Fact]
    public void It_holds_the_frames_that_fit() =>
        Gen.Byte.Array[1, 6000].Array[1, 8].Sample(
            frames =>
            {
                var batch = _pool.Rent(frames[0]);
                var expected = frames[0].ToList();
                foreach (var frame in frames.Skip(1))
                {
                    var fits = expected.Count + frame.Length <= Batch.MaxBytes;
                    Assert.Equal(fits, batch.TryAppend(frame));
                    expected.AddRange(fits ? frame : []);
                }

                Assert.Equal(expected, batch.Span.ToArray());
                batch.Release();
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void A_frame_larger_than_a_batch_goes_alone()
    {
        var batch = _pool.Rent(new byte[Batch.MaxBytes + 1]);

        Assert.Equal(Batch.MaxBytes + 1, batch.Length);
        Assert.False(batch.TryAppend([1]));
    }

    [Fact]
    public void It_goes_back_with_the_last_reference_and_comes_out_empty()
    {
        var batch = _pool.Rent([1, 2, 3]);
        batch.AddReference();

        batch.Release();
        Assert.Equal(1, _pool.Outstanding);
        batch.Release();

        Assert.Equal(0, _pool.Outstanding);
        Assert.Same(batch, _pool.Rent([4]));
        Assert.Equal((1, 1), (batch.Length, batch.FrameCount));
        Assert.Equal([4], batch.Span.ToArray());
    }

    [Fact]
    public void A_release_too_many_is_not_taken_lightly()
    {
        var batch = _pool.Rent([1]);
        batch.Release();

        Assert.Throws<ObjectDisposedException>(batch.Release);
    }
}
