/** A button that lets a person pick one file. The page gets the file's name and bytes from the browser, and no path. */
import { useRef } from 'react';

interface Props {
  readonly label: string;
  readonly main?: boolean;
  readonly disabled?: boolean;
  readonly onPick: (file: File) => void;
}

export function FileButton({ label, main = false, disabled = false, onPick }: Props) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={main ? 'button button-main' : 'button'}
        aria-disabled={disabled}
        onClick={() => (disabled ? undefined : field.current?.click())}
      >
        {label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={label}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          // So that the same file can be picked again.
          if (file !== undefined) onPick(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
