using System.Text;

namespace Axle.Cli.Output;

/// <summary>Reads a secret from the terminal without showing it.</summary>
internal static class SecretPrompt
{
    public static string Read(CliHost host)
    {
        var secret = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                host.Error.WriteLine();
                return secret.ToString().Trim();
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                secret.Length = Math.Max(0, secret.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.Append(key.KeyChar);
            }
        }
    }
}
