using System.Buffers;

namespace Push.LoadTest.Baseline;

/// <summary>A room's sockets, and the frames that the publications read in this turn make.</summary>
internal sealed class BaselineRoom
{
    public List<BaselineClient> Members { get; } = [];

    public ArrayBufferWriter<byte> Pending { get; } = new();
}
