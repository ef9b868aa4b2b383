using BenchmarkDotNet.Running;
using Push.Benchmarks.Fanout;

// fanout [sockets] [seconds] [coalesce ms] [loops]: the fan-out over loopback, beside a bare loop of sends.
// compression [sockets] [seconds] [rounds] [in flight]: score messages as they are and compressed, in turns.
// Anything else goes to BenchmarkDotNet, for example: --filter *Fanout*
switch (args)
{
    case ["fanout", .. var settings]:
        await new FanoutComparison(settings).RunAsync();
        break;
    case ["compression", .. var settings]:
        await new CompressionComparison(settings).RunAsync();
        break;
    case [Receiver.Command, .. var settings]:
        await Receiver.RunAsync(settings);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(FanoutComparison).Assembly).Run(args);
        break;
}
